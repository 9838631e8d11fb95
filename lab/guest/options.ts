import { BackendError } from "../backend/backend";
import { ParameterError } from "../server/parameter-error";
import { Params } from "../server/params";
import { completeNet } from "../pve/guest-net";
import { devicePath, parseMountPoint, printMountPoint } from "../pve/mount-point";

const BOOLEANS = ["console", "debug", "onboot", "protection", "template", "unprivileged"];
const NUMBERS = ["cores", "cpuunits", "memory", "swap", "tty"];
const TEXTS = [
  "arch",
  "cmode",
  "cpulimit",
  "entrypoint",
  "env",
  "features",
  "hookscript",
  "hostname",
  "lock",
  "nameserver",
  "ostype",
  "rootfs",
  "searchdomain",
  "startup",
  "tags",
  "timezone",
];
const NUMBERED = /^(?:net|mp|dev|unused)\d+$/;

/** Keys that the config call shows as JSON numbers (docs/proxmox/provider-calls.md 3.4). */
export const NUMERIC_KEYS: ReadonlySet<string> = new Set([...BOOLEANS, ...NUMBERS]);

const KNOWN = new Set([...BOOLEANS, ...NUMBERS, ...TEXTS, "description"]);

/** Whether a guest config can have this key at all. */
export const isOption = (key: string): boolean => KNOWN.has(key) || NUMBERED.test(key);

/** Tags as Proxmox stores them: lower case, sorted, each once, joined by semicolons. */
const normalizeTags = (text: string): string =>
  [
    ...new Set(
      text
        .toLowerCase()
        .split(/[,;\s]+/)
        .filter((tag) => tag !== ""),
    ),
  ]
    .sort()
    .join(";");

/** One value is one line; the provider separates the entries of env by NUL (docs/proxmox/provider-calls.md 3.2). */
function refuseControls(key: string, value: string): void {
  if (key === "description") return;
  if (/[\r\n]/.test(value)) throw new ParameterError({ [key]: "value contains a newline" });
  if (key !== "env" && value.includes("\0")) {
    throw new ParameterError({ [key]: "value contains a NUL" });
  }
}

/** Folders of the node can be mounted in a guest; volumes cannot yet. */
function storedMountPoint(key: string, value: string): string {
  if (!parseMountPoint(key, value).volume.startsWith("/")) {
    throw new BackendError(`a volume as '${key}' is not implemented in the lab`, 501);
  }
  return printMountPoint(key, value);
}

function storedDevice(key: string, value: string): string {
  if (devicePath(key, value) === undefined) {
    throw new BackendError(`Path is not defined for passthrough device ${key}`);
  }
  return value;
}

/** The text that is stored for one option; a wrong value is a 400, an unimplemented one a 501. */
export function storedValue(key: string, value: string): string {
  refuseControls(key, value);
  if (BOOLEANS.includes(key)) return Params.of({ [key]: value }).flag(key) ? "1" : "0";
  if (NUMBERS.includes(key)) return String(Params.of({ [key]: value }).integer(key));
  if (key.startsWith("net")) return completeNet(key, value);
  if (key === "tags") return normalizeTags(value);
  if (key === "description") return `${value.replace(/\n+$/, "")}\n`;
  if (/^mp\d+$/.test(key)) return storedMountPoint(key, value);
  if (/^dev\d+$/.test(key)) return storedDevice(key, value);
  if (NUMBERED.test(key)) {
    throw new BackendError(`option '${key}' is not implemented in the lab`, 501);
  }
  return value;
}
