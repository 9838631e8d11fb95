/** What a person may do to node and guests, as data. */

/** Something done by hand, what a preview has to say about it, and what holds again after an update. */
export interface Change {
  readonly where: number | "pve1";
  readonly what: string;
  readonly shown: RegExp;
  readonly healed: string;
}

const bridge = "proximity-lan";
const stanza = `/etc/network/interfaces.d/${bridge}`;
const scripts = "/usr/local/lib/proximity-lan-dev";

/** A first round, of one thing each. */
export const first: readonly Change[] = [
  {
    where: 100,
    what: "sed -i 's/grace_period 10s/grace_period 11s/' /etc/caddy/Caddyfile",
    shown:
      /Caddyfile has another content\n +@@.*@@\n( .*\n)+ +-\tgrace_period 10s\n +\+\tgrace_period 11s/,
    healed: "grep -q 'grace_period 10s' /etc/caddy/Caddyfile",
  },
  {
    where: 100,
    what: "rm /etc/proximity/dhcp-hosts",
    shown: /\/etc\/proximity\/dhcp-hosts is gone/,
    healed: "grep -q notes /etc/proximity/dhcp-hosts",
  },
  {
    where: 100,
    what: "chmod 600 /etc/dnsmasq.d/proximity.conf",
    shown: /\/etc\/dnsmasq.d\/proximity.conf has the mode 600 instead of 644/,
    healed: "test $(stat -c %a /etc/dnsmasq.d/proximity.conf) = 644",
  },
  {
    where: 100,
    what: "systemctl stop dnsmasq",
    shown: /dnsmasq does not run/,
    healed: "systemctl is-active dnsmasq",
  },
  {
    where: 100,
    what: "systemctl disable caddy",
    shown: /caddy is not enabled, so it would not start with the guest/,
    healed: "systemctl is-enabled caddy",
  },
  {
    where: 100,
    what: "systemctl mask --now cockpit.socket",
    shown: /cockpit.socket does not run/,
    healed: "systemctl is-enabled cockpit.socket && systemctl is-active cockpit.socket",
  },
  {
    where: 100,
    what: "nft flush ruleset",
    shown: /the rules of \/etc\/nftables.conf are not in force: there is no table inet proximity/,
    healed: "nft list chain inet proximity forward | grep -q 'policy drop'",
  },
  {
    where: 100,
    what: "sysctl -w net.ipv4.ip_forward=0",
    shown: /net.ipv4.ip_forward is 0 instead of 1/,
    healed: "test $(cat /proc/sys/net/ipv4/ip_forward) = 1",
  },
  {
    where: 100,
    what: "dpkg --remove --force-depends openssl",
    shown: /the package openssl is not installed/,
    healed: "command -v openssl",
  },
  {
    where: 101,
    what: "systemctl kill -s KILL nginx; while systemctl -q is-active nginx; do sleep 0.1; done",
    shown: /nginx does not run/,
    healed: "systemctl is-active nginx",
  },
  {
    where: 102,
    what: "echo 'more <b>\\033[2J' >>/srv/notes/index.html",
    shown: /\/srv\/notes\/index.html has another content\n +@@(.*\n)+ +\+more <b>/,
    healed: "! grep -q more /srv/notes/index.html",
  },
  {
    where: 102,
    what: "rm /etc/systemd/system/notes.service && systemctl daemon-reload",
    shown: /\/etc\/systemd\/system\/notes.service is gone/,
    healed: "systemctl is-enabled notes && systemctl is-active notes",
  },
  {
    where: "pve1",
    what: `sed -i 's/bridge-stp off/bridge-stp on/' ${stanza}`,
    shown: /interfaces.d\/proximity-lan has another content\n(.*\n)+ +\+\tbridge-stp on/,
    healed: `grep -q 'bridge-stp off' ${stanza}`,
  },
  {
    where: "pve1",
    what: `rm /etc/sysctl.d/60-${bridge}.conf`,
    shown: /\/etc\/sysctl.d\/60-proximity-lan.conf is gone/,
    healed: `test -s /etc/sysctl.d/60-${bridge}.conf`,
  },
  {
    where: "pve1",
    what: `echo 0 >/proc/sys/net/ipv6/conf/${bridge}/disable_ipv6`,
    shown: /net\/ipv6\/conf\/proximity-lan\/disable_ipv6 is 0 instead of 1/,
    healed: `test "$(cat /proc/sys/net/ipv6/conf/${bridge}/disable_ipv6)" = 1`,
  },
  {
    where: "pve1",
    what: `ip address add 10.20.0.9/24 dev ${bridge}`,
    shown: /the node has an address on proximity-lan \(10.20.0.9\/24/,
    healed: `test -z "$(ip -o address show dev ${bridge})"`,
  },
  {
    where: "pve1",
    what: `echo 'touch /unwanted' >>${scripts}/guest/app.sh`,
    shown: /\/usr\/local\/lib\/proximity-lan-dev has another content/,
    healed: `! grep -q unwanted ${scripts}/guest/app.sh`,
  },
];

/** A second round: what the first one left alone. */
export const second: readonly Change[] = [
  {
    where: "pve1",
    what: `rm -r ${scripts}`,
    shown: /There is no \/usr\/local\/lib\/proximity-lan-dev on the node, .* it is placed\./,
    healed: `test -s ${scripts}/guest/app.sh`,
  },
  {
    where: 100,
    what: "nft insert rule inet proximity forward accept",
    shown: /the rules in force are not those of \/etc\/nftables.conf\n(.*\n)+ +\+\t\taccept/,
    healed: "! nft list chain inet proximity forward | grep -qx '\t\taccept'",
  },
  {
    where: 100,
    what: "rm /etc/caddy/Caddyfile /etc/nftables.conf /etc/resolv.conf /etc/sysctl.d/60-proximity.conf",
    shown:
      /Caddyfile is gone\n(.*\n)*.*nftables.conf is gone\n.*resolv.conf is gone\n.*60-proximity.conf is gone/,
    healed: "cd /etc && ls caddy/Caddyfile nftables.conf resolv.conf sysctl.d/60-proximity.conf",
  },
  {
    where: 100,
    what: "rm /etc/dhcp/dhclient-enter-hooks.d/proximity /etc/.pve-ignore.resolv.conf /etc/dnsmasq.d/proximity.conf",
    shown: /pve-ignore.resolv.conf is gone\n(.*\n)*.*dhclient-enter-hooks.d\/proximity is gone/,
    healed:
      "cd /etc && ls dhcp/dhclient-enter-hooks.d/proximity .pve-ignore.resolv.conf dnsmasq.d/proximity.conf",
  },
  {
    where: 100,
    what: "systemctl kill -s KILL caddy; systemctl disable nftables; systemctl disable --now dnsmasq",
    shown: /nftables is not enabled(.*\n)+dnsmasq does not run/,
    healed: "systemctl is-enabled nftables dnsmasq && systemctl is-active caddy dnsmasq",
  },
  {
    where: 101,
    what: "systemctl disable --now nginx; rm -r /var/lib/proximity/placed",
    shown: /app.sh has not left its mark in guest 101/,
    healed: "systemctl is-enabled nginx && systemctl is-active nginx",
  },
  {
    where: "pve1",
    what: `rm ${stanza}; ip link set ${bridge} down`,
    shown: /interfaces.d\/proximity-lan is gone\n(.*\n)*.*the bridge proximity-lan is down/,
    healed: `test -s ${stanza} && ip -o link show ${bridge} | grep -q '[<,]UP[,>]'`,
  },
];
