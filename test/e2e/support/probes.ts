/** Probes of the network that need nothing in a guest but bash. */

/** Succeeds when something accepts a TCP connection within 4 s. */
export function opens(address: string, port: number): string {
  return `timeout 4 bash -c ': <>/dev/tcp/${address}/${port}'`;
}

/** A TCP fetch that needs nothing but bash in the guest; fails when nothing answers in 4 s. */
export function textOf(address: string, port: number): string {
  return `timeout 4 bash -c 'exec 3<>/dev/tcp/${address}/${port}; printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3; sed "1,/^\\r*\$/d" <&3'`;
}

/** The interface identifier that a MAC would give, RFC 4291 appendix A. */
export function linkLocalOf(mac: string): string {
  const bytes = mac.split(":").map((pair) => parseInt(pair, 16));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
  const hex = (high: number, low: number) => (high * 256 + low).toString(16);
  return [hex(a ^ 2, b), hex(c, 0xff), hex(0xfe, d), hex(e, f)].join(":");
}
