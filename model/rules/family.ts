/** What must hold between a container's family, its template and what is to run in it. */
import type { Family } from "../family";
import type { Problem } from "../problem";
import type { App } from "../topology";
import type { SiteRule } from "./rule";

/** The family that a template's file is named after, as Proxmox names its own. */
const named = /(?:^|[:/])(debian|alpine)-[^/]*$/;

/** Units of systemd by name; OpenRC's services have no suffix. */
const unit = /^(.+)\.(service|socket|timer|path|mount|target)$/;

/** What a container is made from. */
interface System {
  readonly family: Family;
  readonly template?: string | undefined;
}

function checkTemplate(at: string, { family, template }: System): readonly Problem[] {
  const path = `${at}.template`;
  if (template === undefined)
    return family === "debian"
      ? []
      : [
          {
            path,
            message: `is missing. The site's template is a Debian one; name one of ${family}, such as local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz.`,
          },
        ];
  const other = named.exec(template)?.[1] ?? family;
  return other === family
    ? []
    : [
        {
          path,
          message: `${template} is a template of ${other} by its name, and the family is ${family}. Correct one of them.`,
        },
      ];
}

const templatesFit: SiteRule = ({ appliance, apps }) => [
  ...checkTemplate("appliance", appliance),
  ...apps.flatMap((app) => checkTemplate(`apps.${app.name}`, app)),
];

const consoleThere: SiteRule = ({ appliance: { family, console } }) =>
  console && family === "alpine"
    ? [
        {
          path: "appliance.console",
          message: "Alpine has no Cockpit. Set it to false, or the family to debian.",
        },
      ]
    : [];

/** Services by the name that OpenRC has for them. */
function checkServices({ services }: App): readonly Problem[] {
  return services.flatMap((service) => {
    const bare = unit.exec(service)?.[1];
    return bare === undefined
      ? []
      : [
          {
            path: "services",
            message: `${service} is a unit of systemd, which Alpine has not. Name OpenRC's service, such as ${bare}.`,
          },
        ];
  });
}

/** What would be placed and never run in a container that OpenRC starts. */
function checkFiles({ files }: App): readonly Problem[] {
  return Object.entries(files).flatMap(([file, { mode }]) => {
    if (/^\/(etc|lib|usr\/lib)\/systemd\//.test(file))
      return [
        {
          path: `files.${file}`,
          message:
            "Alpine has no systemd, so nothing would read it. Write an OpenRC script to /etc/init.d/ instead.",
        },
      ];
    return file.startsWith("/etc/init.d/") && (parseInt(mode, 8) & 0o100) === 0
      ? [
          {
            path: `files.${file}.mode`,
            message: `OpenRC runs this file, and ${mode} does not let it. Write "0755".`,
          },
        ]
      : [];
  });
}

/** Its filter and its routes are kept by units of systemd and by hooks of dhclient. */
function checkPublic({ publicInterface }: App): readonly Problem[] {
  return publicInterface === undefined
    ? []
    : [
        {
          path: "publicInterface",
          message:
            "Alpine is not set up for an address of its own on the LAN: filter and routes are kept by systemd. Leave it out, or set the family to debian.",
        },
      ];
}

const appsFit: SiteRule = ({ apps }) =>
  apps
    .filter(({ family }) => family === "alpine")
    .flatMap((app) =>
      [...checkServices(app), ...checkFiles(app), ...checkPublic(app)].map((problem) => ({
        ...problem,
        path: `apps.${app.name}.${problem.path}`,
      })),
    );

/** The rules of families. */
export const familyRules: readonly SiteRule[] = [templatesFit, consoleThere, appsFit];
