/**
 * One change after the other on sites of several sizes, while a client asks for a page through the proxy;
 * and one app added by hand, with the appliance's files finished.
 */
import { z } from "zod";

import type { SiteConfig } from "../../e2e/support/checkout";
import { endLoad, startLoad } from "../../e2e/support/load";
import { AppSite, appOf, nameOf, names, type Call } from "../support/app-site";
import { creationsIn, requestsSince, type Creation, type Request } from "../support/api-log";
import { measure, type Command } from "../support/hyperfine";
import { load } from "../support/machine";
import type { Section } from "../support/report";
import { section } from "./section";

const SIZES = [1, 10, 50];
const LAB = { name: "changing", portBase: 24_000 };

/** Requests of the client in a second. */
const RATE = 50;

export const ADDED = "one app added";
export const BY_HAND = "the same by hand";
export const REMOVED = "the app removed";

/** Each is done to a site of so many apps and what the ones before it left. */
const CHANGES: readonly {
  readonly name: string;
  readonly change: (site: SiteConfig, extra: number) => void;
}[] = [
  {
    name: ADDED,
    change: (site, extra) => {
      put(site, extra, 8000, first(extra));
    },
  },
  {
    name: "its port changed",
    change: (site, extra) => {
      put(site, extra, 8001, first(extra));
    },
  },
  {
    name: "its reservation changed",
    change: (site, extra) => {
      put(site, extra, 8001, first(extra) + 1);
    },
  },
  {
    name: REMOVED,
    change: (site, extra) => {
      const name = nameOf(extra);
      site["removed"] = { [name]: site.apps[name]?.["vmid"] };
      Reflect.deleteProperty(site.apps, name);
    },
  },
];

/** Last part of an app's first address: its own, since what was made by hand leaves its lease behind. */
const first = (extra: number): number => 20 + extra;

function put({ apps }: SiteConfig, extra: number, port: number, host: number): void {
  apps[nameOf(extra)] = { ...appOf(extra, port), address: `10.20.0.${host}` };
}

/** What one change took and caused; seconds, and seconds since 1970. */
export interface Change {
  readonly began: number;
  readonly wall: number;
  /** Commands that came to the node by SSH. */
  readonly calls: readonly Call[];
  readonly requests: readonly Request[];
  readonly creations: readonly Creation[];
  /** How often each daemon of the appliance was reloaded, and restarted. */
  readonly reloads: number;
  readonly restarts: number;
  /** Requests of the client, and those without a whole answer. */
  readonly asked: number;
  readonly lost: number;
  /** How often, and in which words, a request had no whole answer. */
  readonly reasons: readonly string[];
}

/** Changes by their name, each with its rounds, on a site of one size. */
export interface Size {
  readonly apps: number;
  readonly changes: ReadonlyMap<string, readonly Change[]>;
}

/** Measures; `sizes` are numbers of apps, the smallest first. */
export async function changing(
  rounds: number,
  progress: (line: string) => void,
  sizes: readonly number[] = SIZES,
): Promise<Section> {
  const before = load();
  const site = new AppSite(LAB);
  try {
    const seen: Size[] = [];
    for (const apps of sizes) {
      progress(`bringing up ${apps} apps`);
      site.declare(apps);
      site.run(site.up("up"));
      const bench = new Bench(site, apps);
      for (let round = 1; round <= rounds; round++) {
        progress(`${apps} apps, round ${round} of ${rounds}`);
        await bench.round();
      }
      seen.push({ apps, changes: bench.changes });
    }
    return section({ sizes: seen, rounds, before });
  } finally {
    site.remove();
  }
}

const Outputs = z.object({ appliance: z.object({ wanAddress: z.string() }) });

/** One size: the site stands with so many apps before and after each round. */
class Bench {
  readonly changes = new Map<string, Change[]>();
  private readonly extra: number;
  private readonly wan: string;
  private readonly client = (script: string): string => this.site.on("lan-client", script);

  constructor(
    private readonly site: AppSite,
    apps: number,
  ) {
    this.extra = apps + 1;
    const words = ["stack", "output", "--json", "--stack", "dev"];
    const outputs = site.checkout.must("toolchain/pulumi", words);
    this.wan = Outputs.parse(JSON.parse(outputs)).appliance.wanAddress;
    site.run(site.loop("take", "without", "take"));
  }

  async round(): Promise<void> {
    const { site, extra } = this;
    for (const { name, change } of CHANGES) {
      site.change((declared) => {
        change(declared, extra);
      });
      await this.seen(name, site.up(name));
      this.check(name === REMOVED ? 0 : 1, name);
      if (name === ADDED) site.run(site.loop("take", "with", "take"));
    }
    await this.seen(BY_HAND, site.loop(BY_HAND, "with", "add", extra));
    this.check(1, BY_HAND);
    site.run(site.loop("back", "without", "back", extra));
    this.check(0, "what was made by hand, taken away");
  }

  /** Who does something else is not compared with. */
  private check(wanted: number, name: string): void {
    const { site, extra } = this;
    const silent = site.silent([...names(extra - 1), nameOf(extra)]);
    if (silent.length !== 1 - wanted) {
      const who = silent.length === 0 ? "every app answers" : silent.join("; ");
      throw new Error(`after ${name}, this is not as it should be: ${who}`);
    }
  }

  private async seen(name: string, command: Command): Promise<void> {
    const { site } = this;
    const daemons = this.daemons();
    site.calls();
    startLoad(this.client, { host: this.wan, port: 8080, path: `/${nameOf(1)}/`, rate: RATE });
    const began = Date.now();
    const times = (await measure([command], 1, { env: site.checkout.env })).get(name);
    const requests = requestsSince(LAB.name, began);
    const { asked, lost, reasons } = endLoad(this.client);
    const after = this.daemons();
    const change: Change = {
      began: began / 1000,
      wall: (times?.wall[0] ?? NaN) / 1000,
      calls: site.calls(),
      requests,
      creations: creationsIn(requests),
      reloads: after.reloads - daemons.reloads,
      restarts: after.pids.filter((pid, index) => pid !== daemons.pids[index]).length,
      ...{ asked, lost, reasons },
    };
    this.changes.set(name, [...(this.changes.get(name) ?? []), change]);
  }

  /** How often Caddy and dnsmasq have read their configuration, from the journal, none being no error; and their ids. */
  private daemons(): { readonly reloads: number; readonly pids: readonly string[] } {
    const look = `pct exec 100 -- sh -c 'journalctl -q -o cat -u caddy -u dnsmasq |
        grep -cE "^Reloaded caddy|^read /etc/proximity/hosts" || :
      systemctl show -p MainPID --value caddy dnsmasq'`;
    const [reloads = "", ...pids] = this.site.on("pve1", look).split("\n").filter(Boolean);
    return { reloads: Number(reloads), pids };
  }
}
