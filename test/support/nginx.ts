/** The tool under scripts/guest that opens nginx to all interfaces, and a real nginx that judges its files. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const corpus = join(__dirname, "..", "nginx");

/** The tool itself. */
export const tool = join(__dirname, "../../scripts/guest/nginx-config-set-listen-all-interfaces");

/** One configuration and what must become of it; `# ports:`, `# whole` and `# needs:` in it are the test's. */
export interface Case {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly ports: readonly string[];
}

/** Every case of test/nginx/cases; one without a file `.after.conf` must stay as it is. */
export function cases(): readonly Case[] {
  const folder = join(corpus, "cases");
  const files = new Set(readdirSync(folder));
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  return [...files]
    .filter((file) => !file.endsWith(".after.conf"))
    .map((file) => {
      const name = basename(file, ".conf");
      const before = read(file);
      const changed = `${name}.after.conf`;
      return {
        name,
        before,
        after: files.has(changed) ? read(changed) : before,
        ports: /^# ports: (.*)$/m.exec(before)?.[1]?.split(" ") ?? [],
      };
    });
}

/** Exit code and words of the tool. */
export interface ToolResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the tool; `path` is put before PATH, for an nginx of the test's own. */
export function runTool(args: readonly string[], path = ""): ToolResult {
  const { status, stdout, stderr } = spawnSync("perl", [tool, ...args], {
    encoding: "utf8",
    env: { ...process.env, PATH: `${path}:${process.env["PATH"] ?? ""}`, LC_ALL: "C" },
  });
  return { code: status, stdout, stderr };
}

/** `nginx -t` of Debian's nginx over configurations, in a network of its own that has every address. */
export class Nginx {
  private readonly root = execFileSync(join(corpus, "get.sh"), { encoding: "utf8" }).trim();
  private readonly prefix = mkdtempSync(join(tmpdir(), "nginx-"));

  constructor() {
    const certificates = join(this.prefix, "certs");
    mkdirSync(certificates);
    cpSync(join(corpus, "snippets"), join(this.prefix, "snippets"), { recursive: true });
    symlinkSync(join(this.root, "usr/lib/nginx/modules"), join(this.prefix, "modules"));
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
        ...["-subj", "/CN=gateway", "-days", "1"],
        ...[
          "-keyout",
          join(certificates, "gateway.key"),
          "-out",
          join(certificates, "gateway.pem"),
        ],
      ],
      { stdio: "ignore" },
    );
  }

  /** nginx's words about each configuration, by its name; "" where it accepts. */
  judge(configurations: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
    return new Map(
      [...this.ask(configurations)].map(([name, { ok, said }]) => [name, ok ? "" : said]),
    );
  }

  /** The servers that nginx accepts and ignores, as it says itself, by the configuration's name. */
  ignored(configurations: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
    const names = (said: string) =>
      [...said.matchAll(/conflicting server name "([^"]*)"/g)].map(([, name = ""]) => name);
    return new Map(
      [...this.ask(configurations)].map(([name, { said }]) => [name, [...new Set(names(said))]]),
    );
  }

  private ask(
    configurations: ReadonlyMap<string, string>,
  ): ReadonlyMap<string, { readonly ok: boolean; readonly said: string }> {
    const { root, prefix } = this;
    const files = [...configurations].map(([name, text]) => ({ name, text: whole(text) }));
    const script = `
      # Debian's nginx wants this folder; the machine may not have it and must not get it.
      mount -t tmpfs tmpfs /var/lib && mkdir /var/lib/nginx
      sysctl -qw net.ipv4.ip_nonlocal_bind=1 net.ipv6.ip_nonlocal_bind=1
      exec perl -MJSON::PP -e '
        my ($nginx, $prefix) = @ARGV;
        local $/;
        my $files = decode_json(<STDIN>);
        for (@$files) {
          open my $out, ">:utf8", "$prefix/nginx.conf" or die;
          print $out $_->{text};
          close $out;
          $_->{said} = qx{$nginx -t -p $prefix -c nginx.conf 2>&1};
          $_->{ok} = $? == 0 ? JSON::PP::true : JSON::PP::false;
        }
        print encode_json($files);' "$1" "$2"`;
    const { status, stdout, stderr } = spawnSync(
      "unshare",
      [
        "--net",
        "--mount",
        "--map-root-user",
        "sh",
        "-c",
        script,
        "sh",
        join(root, "usr/sbin/nginx"),
        prefix,
      ],
      { input: JSON.stringify(files), encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
    );
    if (status !== 0) throw new Error(`nginx could not be asked: ${stderr}`);
    const judged = JSON.parse(stdout) as readonly { name: string; ok: boolean; said: string }[];
    return new Map(judged.map(({ name, ...answer }) => [name, answer]));
  }

  remove(): void {
    rmSync(this.prefix, { recursive: true });
  }
}

/** A site as nginx.conf includes it; a file that is a whole configuration stays as it is. */
function whole(text: string): string {
  if (text.includes("# whole\n")) return text;
  return `user root;\nerror_log stderr;\npid nginx.pid;\nevents { }\nhttp {\naccess_log off;\n${text}\n}\n`;
}
