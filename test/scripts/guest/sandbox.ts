/** A guest without a container: the real scripts, with commands that note their calls and answer as told. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import type { Family } from "../../../model/family";
import type { BundleFile } from "../../../render/bundle";

const scripts = join(__dirname, "..", "..", "..", "scripts", "guest");

/** Whose sh, awk, ip ... run the scripts: BusyBox's, as in Alpine, or this machine's (dash and GNU, as in Debian). */
export type Userland = "busybox" | "host";

/** Notes the call, then does what the test laid down for this command. */
const standIn = `#!/bin/sh
name=\${0##*/}
printf '%s\\n' "$name\${*:+ $*}" >>/calls
[ ! -e "/answers/$name" ] || . "/answers/$name"
`;

/** Package and service managers that remember: `/installed`, `/enabled/NAME`, `/running/NAME`, `/broken/NAME`. */
const managers: Readonly<Record<Family, Readonly<Record<string, string>>>> = {
  alpine: {
    apk: `case $1 in
      info) grep -qx "$3" /installed ;;
      add)
        [ ! -e /broken/apk ] || { echo "ERROR: unable to select packages"; exit 1; }
        for word; do
          case $word in add | -* | 300) ;; *)
            echo "$word" >>/installed
            : >"/etc/init.d/\${word%-openrc}" && chmod 755 "/etc/init.d/\${word%-openrc}" ;;
          esac
        done ;;
      esac`,
    "rc-update": `[ "$2" != add ] || { mkdir -p "/etc/runlevels/$4"; : >"/etc/runlevels/$4/$3"; }
      [ "$2" != del ] || rm "/etc/runlevels/$4/$3"`,
    "rc-service": `case $2 in
      status) [ -e "/running/$1" ] || exit 3 ;;
      start | restart) [ ! -e "/broken/$1" ] || { echo "$1: words of the service"; exit 1; }; : >"/running/$1" ;;
      stop) rm "/running/$1" ;;
      esac`,
    pkill: "",
    nslookup: `printf 'Server:\\t\\t%s\\nAddress:\\t%s:53\\n\\nName:\\t%s\\nAddress: 10.20.0.101\\n\\n' "$2" "$2" "$1"`,
  },
  debian: {
    dpkg: "",
    "dpkg-query": `grep -qx "$4" /installed && echo installed`,
    "apt-get": `case " $* " in
      *" install "*)
        [ ! -e /broken/apt-get ] || { echo "E: Unable to locate package"; exit 1; }
        for word; do case $word in -* | install | Acquire* | DPkg* | Dpkg*) ;; *) echo "$word" >>/installed ;; esac; done ;;
      esac`,
    systemctl: `[ "$1" != -q ] || shift
      case $1 in
      is-enabled) [ "$2" = systemd-sysctl ] || [ -e "/enabled/$2" ] ;;
      is-active) [ -e "/running/$2" ] ;;
      is-system-running) echo running ;;
      is-failed) false ;;
      enable) : >"/enabled/$2" ;;
      disable) rm "/enabled/$3" "/running/$3" ;;
      start | restart) [ ! -e "/broken/$2" ] && : >"/running/$2" ;;
      esac`,
    // The journal takes in what a service said a little later.
    journalctl: `if [ "$1" = --sync ]; then : >/running/.said; else [ ! -e /running/.said ] || echo "words of the service"; fi`,
    sync: "",
    getent: `echo "10.20.0.101     STREAM $4"`,
  },
};

const common: Readonly<Record<string, string>> = {
  hostname: "echo nginx-01",
  sysctl: "echo 1 >/proc/sys/net/ipv4/ip_forward",
  nft: `[ "$1 $2" != "list set" ] || echo "elements = { 192.168.1.1 }"`,
  dnsmasq: "",
  caddy: "",
  "proximity-sets": "",
  "proximity-filter": "",
  // Who owns a file cannot be told apart here: only one user is mapped.
  chown: "",
  ifdown: "",
  ifup: "",
};

/** What a run printed, and the commands that it called in order, questions left out. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly string[];
}

/** Calls that change nothing. */
const question =
  /^(apk info|rc-service \S+ status|dpkg-query|dpkg --audit|systemctl (-q )?is-|nslookup|getent|hostname|journalctl|chown)/;

/** A guest of one family on one userland; it keeps its state from run to run until `remove`. */
export class Sandbox {
  private readonly root = mkdtempSync(join(tmpdir(), "guest-"));

  constructor(
    private readonly family: Family,
    private readonly userland: Userland,
  ) {
    for (const folder of [
      "answers",
      "broken",
      "enabled",
      "running",
      "etc/init.d",
      family === "alpine" ? "run/openrc" : "run/systemd/system",
      "usr/local/sbin",
      "usr/sbin",
      "var/lib",
      "tmp",
    ])
      mkdirSync(join(this.root, folder), { recursive: true });
    if (family === "alpine") this.write("run/openrc/softlevel", "default\n");
    this.write("installed", "");
    for (const [name, answer] of Object.entries({ ...common, ...managers[family] }))
      this.command(name, answer);
  }

  /** Puts a command before the system's; `answer` is shell text. */
  command(name: string, answer: string): void {
    const path = join(this.root, "usr/local/sbin", name);
    writeFileSync(path, standIn);
    chmodSync(path, 0o755);
    this.write(`answers/${name}`, answer);
  }

  removeCommand(name: string): void {
    rmSync(join(this.root, "usr/local/sbin", name));
  }

  /** Installs a service by hand, as the appliance's packages would. */
  service(name: string): void {
    this.write(`etc/init.d/${name}`, "");
    chmodSync(join(this.root, "etc/init.d", name), 0o755);
  }

  /** Takes a file away, such as `running/NAME`: that service has died. */
  take(path: string): void {
    rmSync(join(this.root, path));
  }

  /** Writes a file of the guest. */
  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** A file of the guest; undefined when it is not there. */
  read(path: string): string | undefined {
    const file = join(this.root, path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  /**
   * Runs one script of scripts/guest with files, as a node does. `listening` are lines `tcp 80`, `tcp 80
   * ADDRESS`, `udp 80`, or `from 80 ADDRESS` for a connection from there to port 8080.
   */
  run(
    script: string,
    args: readonly string[],
    {
      files = [],
      listening = [],
    }: { files?: readonly BundleFile[]; listening?: readonly string[] },
  ): Run {
    for (const rest of ["calls", "ready"]) rmSync(join(this.root, rest), { force: true });
    this.write("listening", listening.map((line) => `${line}\n`).join(""));
    const { status, stdout, stderr } = spawnSync(
      join(__dirname, "sandbox.sh"),
      [this.root, this.userland, script, ...args],
      { input: this.bundle(script, files), encoding: "utf8", timeout: 60_000 },
    );
    const calls = (this.read("calls") ?? "").split("\n").filter((line) => line !== "");
    return {
      code: status ?? 128,
      stdout: stdout.trimEnd(),
      stderr: stderr.trimEnd(),
      calls: calls.filter((line) => !question.test(line)),
    };
  }

  private bundle(script: string, files: readonly BundleFile[]): Buffer {
    const folder = mkdtempSync(join(tmpdir(), "bundle-"));
    const place = ({ path, mode, content }: BundleFile) => {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), content);
      chmodSync(join(folder, path), parseInt(mode, 8));
    };
    for (const [name, source] of [
      ["lib.sh", "lib.sh"],
      ["family.sh", `family/${this.family}.sh`],
      ["public.sh", "public.sh"],
      [script, script],
    ] as const)
      place({
        path: `scripts/${name}`,
        mode: "0644",
        content: readFileSync(join(scripts, source), "utf8"),
      });
    for (const file of files) place({ ...file, path: `files${file.path}` });
    const tar = execFileSync("tar", ["-C", folder, "--owner=0", "--group=0", "-cf", "-", "."]);
    rmSync(folder, { recursive: true });
    return tar;
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}
