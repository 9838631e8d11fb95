/** The Perl program that obsolete-nat.sh runs, in scripts/node; Perl is part of every Proxmox node. */
export const obsoleteNatProgram: readonly string[] = [
  "main.pl",
  "Run.pm",
  "Words.pm",
  "Iptables.pm",
  "Interfaces.pm",
  "Nft.pm",
  "NftFile.pm",
].map((part) => `obsolete-nat/${part}`);
