/** Settings of a container that this program did not make: they stay, and are shown. */

/** What the program and its provider write, each with any value. */
const own =
  /^(arch|cores|hostname|memory|swap|nameserver|searchdomain|net[01]|onboot|ostype|startup|unprivileged|lxc\.net\.1\..*|rootfs|features|tags)$/;

/** What the provider writes as well, with these values alone; and what an operation leaves for its time. */
const usual: Readonly<Record<string, string>> = {
  cmode: "tty",
  console: "1",
  cpulimit: "0",
  protection: "0",
  template: "0",
  tty: "2",
};
const passing = new Set(["lock", "parent", "snaptime", "digest"]);

/** One text for each setting, such as `mp0: /srv/media,mp=/mnt/media`. */
export function foreignSettings(settings: ReadonlyMap<string, string>): readonly string[] {
  return [...settings].flatMap(([key, value]) => {
    if (key === "features") return feature(value);
    if (/^net[01]$/.test(key)) return rate(key, value);
    return own.test(key) || passing.has(key) || usual[key] === value ? [] : [`${key}: ${value}`];
  });
}

function feature(value: string): readonly string[] {
  const more = value.split(",").filter((one) => one !== "nesting=1" && !one.endsWith("=0"));
  return more.length === 0 ? [] : [`features: ${more.join(",")}`];
}

function rate(key: string, value: string): readonly string[] {
  const [found] = /\brate=[\d.]+/.exec(value) ?? [];
  return found === undefined ? [] : [`${key}: ${found}`];
}
