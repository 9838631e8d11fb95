/** The API's key and certificate, made once per lab. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { onHostMust } from "./host";
import type { Place } from "./place";
import { nodesOf } from "./topology";

/** Files of the key and the certificate, in PEM. */
export function tlsFiles(place: Place): { readonly key: string; readonly cert: string } {
  const folder = path.join(place.folder, "tls");
  return { key: path.join(folder, "key.pem"), cert: path.join(folder, "cert.pem") };
}

/** Makes the key and the certificate unless they are there, with the image's openssl. */
export async function ensureTls(place: Place): Promise<void> {
  const { key, cert } = tlsFiles(place);
  if (existsSync(key) && existsSync(cert)) return;
  const nodes = nodesOf(place).map(({ name, address }) => `,DNS:${name},IP:${address}`);
  const names = `subjectAltName=DNS:localhost,IP:127.0.0.1${nodes.join("")}`;
  const request = ["openssl", "req", "-x509", "-nodes", "-days", "3650", "-subj", "/CN=pve1"];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-addext", names];
  const script =
    'cd "$(mktemp -d)" && "$@" -keyout key -out cert 2>log || { cat log >&2; exit 1; }; cat key cert';
  const pem = await onHostMust(place, "outside", ["sh", "-c", script, "sh", ...request, ...kind]);
  const [, keyText, certText] =
    /(-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----\n)(.*)/s.exec(pem) ?? [];
  if (keyText === undefined || certText === undefined) {
    throw new Error("openssl made no key for the lab's API.");
  }
  mkdirSync(path.dirname(key), { recursive: true });
  writeFileSync(key, keyText, { mode: 0o600 });
  writeFileSync(cert, certText);
}
