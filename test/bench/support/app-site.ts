/** Sites of any number of small apps in the LXC lab: real containers, with nothing to install in them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Checkout, type SiteConfig } from "../../e2e/support/checkout";
import type { Command } from "./hyperfine";

/** VMID of an app by its number, from 1. */
export const vmidOf = (number: number): number => 200 + number;

/** Name of an app. */
export const nameOf = (number: number): string => `app-${String(number).padStart(3, "0")}`;

/** Names of the first so many apps. */
export const names = (apps: number): readonly string[] =>
  Array.from({ length: apps }, (_, index) => nameOf(index + 1));

/**
 * The page that an app serves is its host's name, so that all apps have the same files. Each connection has
 * a separate process: a proxy may open a connection before it has a request, which must not block others.
 */
const ANSWER = `use IO::Socket::INET;
my $port = shift;
open my $file, '<', '/etc/hostname' or die $!;
my $name = <$file>;
my $door = IO::Socket::INET->new(LocalPort => $port, Listen => 50, ReuseAddr => 1) or die $!;
$SIG{CHLD} = 'IGNORE';
while (my $guest = $door->accept) {
  if (fork) { close $guest; next }
  while (my $line = <$guest>) { last if $line =~ /^\\r?\\n$/ }
  print $guest "HTTP/1.0 200 OK\\r\\nContent-Type: text/plain\\r\\n\\r\\n$name";
  exit;
}
`;

/** In the checkout, since so many apps with it in each are more than Pulumi can hand to its program. */
const SOURCE = "answer.pl";

const unit = (port: number): string => `[Service]
ExecStart=/usr/bin/perl /srv/answer.pl ${port}
Restart=on-failure

[Install]
WantedBy=multi-user.target
`;

/** An app that serves its own name by Perl, which the template has. */
export const appOf = (number: number, port = 8000): Record<string, unknown> => ({
  vmid: vmidOf(number),
  port,
  disk: 1,
  memory: 128,
  files: {
    "/srv/answer.pl": { source: SOURCE },
    "/etc/systemd/system/answer.service": { content: unit(port) },
  },
  services: ["answer"],
});

/** One command that came to the node by SSH; times in seconds since 1970. */
export interface Call {
  readonly began: number;
  readonly ended: number;
  /** Bytes of its stdin and of its arguments. */
  readonly bytes: number;
  readonly code: number;
  readonly words: string;
}

/** On the node. */
const FOLDER = "/root/bench";
const CALLS = "/root/calls";

/** A separate lab, and a copy of the project that declares a site on it. */
export class AppSite {
  readonly checkout: Checkout;

  constructor(lab: { readonly name: string; readonly portBase: number }) {
    this.checkout = new Checkout(lab);
    this.checkout.write(SOURCE, ANSWER);
    this.checkout.must("lab/lab", ["down"]);
    this.checkout.must("lab/lab", ["up"]);
    this.checkout.must("toolchain/pulumi", ["stack", "select", "--create", "dev"]);
    for (const script of ["loop.sh", "meter.sh"]) {
      const place = `mkdir -p ${FOLDER} && cat >${FOLDER}/${script}`;
      const text = readFileSync(join(__dirname, script), "utf8");
      this.checkout.must("lab/lab", ["exec", "pve1", "sh", "-c", place], text);
    }
    this.on("pve1", `bash ${FOLDER}/meter.sh install`);
  }

  /** Declares this many apps and the appliance, without its console. */
  declare(apps: number): void {
    this.change((site) => {
      site["appliance"] = { console: false };
      site.apps = Object.fromEntries(
        names(apps).map((name, index) => [name, appOf(index + 1)] as const),
      );
    });
  }

  change(change: (site: SiteConfig) => void): void {
    this.checkout.edit(({ config }) => {
      change(config["proximity-lan:site"]);
    });
  }

  /** An update, to be measured. */
  readonly up = (name: string): Command => ({
    name,
    folder: this.checkout.folder,
    words: ["toolchain/pulumi", "up", "--yes", "--skip-preview", "--stack", "dev"],
  });

  /** What loop.sh does on the node, to be measured. */
  readonly loop = (name: string, ...words: readonly (string | number)[]): Command => ({
    name,
    folder: this.checkout.folder,
    words: ["lab/lab", "exec", "pve1", "bash", `${FOLDER}/loop.sh`, ...words.map(String)],
  });

  /** Runs a command to its end without measuring it. */
  run({ words: [program = "", ...args] }: Command): string {
    return this.checkout.must(program, args);
  }

  /** Runs a shell text on a host of the lab; its stdout. */
  on(host: string, script: string, ...words: readonly string[]): string {
    return this.checkout.must("lab/lab", ["exec", host, "bash", "-eus", ...words], script);
  }

  /** Which of these apps do not answer under their paths, each as itself, and what is said instead. */
  silent(apps: readonly string[]): readonly string[] {
    const ask = `pct exec 100 -- sh -s "$@" <<'SH'
for app; do
  said=$(curl -s -m 10 -w ' %{http_code}' "http://127.0.0.1:8080/$app/" | tr -d '\\n')
  [ "$said" = "$app 200" ] || echo "$app: $said; $(getent ahostsv4 "$app.prox.local" | head -n 1); $(grep " $app " /var/lib/misc/dnsmasq.leases)"
done
SH
`;
    return this.on("pve1", ask, ...apps)
      .split("\n")
      .filter(Boolean);
  }

  /** The commands that came to the node by SSH since this was last asked. */
  calls(): readonly Call[] {
    const text = this.on("pve1", `touch ${CALLS}; cat ${CALLS}; rm ${CALLS}`);
    return text
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [began, ended, bytes, code, ...words] = line.split(" ");
        const said = words.join(" ");
        return {
          began: Number(began),
          ended: Number(ended),
          bytes: Number(bytes) + Buffer.byteLength(said),
          code: Number(code),
          words: said,
        };
      });
  }

  /** Takes everything off the node, and forgets it. */
  reset(): void {
    this.run(this.loop("reset", "any", "reset"));
    const stack = ["stack", "rm", "dev", "--yes", "--force", "--preserve-config"];
    this.checkout.must("toolchain/pulumi", stack);
    this.checkout.must("toolchain/pulumi", ["stack", "select", "--create", "dev"]);
  }

  remove(): void {
    this.checkout.must("lab/lab", ["down"]);
    this.checkout.remove();
  }
}
