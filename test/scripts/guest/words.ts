import type { Family } from "../../../model/family";
import type { Userland } from "./sandbox";

/** Each family by the shell and tools that it has in truth; lib.sh and the scripts meet both that way. */
export const guests: readonly (readonly [Family, Userland])[] = [
  ["alpine", "busybox"],
  ["debian", "host"],
];

/** What each family calls to make the same thing so. */
export const words: Readonly<
  Record<
    Family,
    {
      install: (name: string) => readonly string[];
      enable: (name: string) => readonly string[];
      tell: (verb: string, name: string) => string;
      /** Whatever happened to the service within the last seconds. */
      restart: (name: string) => readonly string[];
      hangUp: (name: string) => string;
      reread: string;
      /** Where a service is noted that starts with the guest. */
      enabled: (name: string) => string;
    }
  >
> = {
  alpine: {
    install: (name) => [`apk add --no-cache --wait 300 ${name}`],
    enable: (name) => [`rc-update -q add ${name} default`],
    tell: (verb, name) => `rc-service ${name} ${verb}`,
    restart: (name) => [`rc-service ${name} restart`],
    hangUp: (name) => `pkill -HUP -x ${name}`,
    reread: "rc-update -q --update",
    enabled: (name) => `etc/runlevels/default/${name}`,
  },
  debian: {
    install: (name) => {
      const flags = "-qq -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3";
      return [
        `apt-get ${flags} -o APT::Update::Error-Mode=any update`,
        `apt-get ${flags} install --no-install-recommends -o Dpkg::Options::=--force-confold -o Dpkg::Options::=--force-unsafe-io ${name}`,
        "sync -f /",
      ];
    },
    enable: (name) => [`systemctl -q unmask ${name}`, `systemctl -q enable ${name}`],
    tell: (verb, name) => `systemctl ${verb} ${name}`,
    restart: (name) => [`systemctl reset-failed ${name}`, `systemctl restart ${name}`],
    hangUp: (name) => `systemctl kill -s HUP ${name}`,
    reread: "systemctl daemon-reload",
    enabled: (name) => `enabled/${name}`,
  },
};
