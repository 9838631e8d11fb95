/** What the token needs, and where: the table of docs/token.md, for one site. */
import { datastoreOf } from "../../model/preflight";
import type { Site } from "../../model/site";

/** Privileges by path of the access tree. */
export function neededPrivileges(
  site: Site,
): readonly { readonly path: string; readonly privileges: readonly string[] }[] {
  return [
    {
      path: "/vms",
      privileges: [
        "VM.Allocate",
        "VM.Audit",
        "VM.Config.CPU",
        "VM.Config.Disk",
        "VM.Config.Memory",
        "VM.Config.Network",
        "VM.Config.Options",
        "VM.PowerMgmt",
      ],
    },
    { path: `/nodes/${site.node.name}`, privileges: ["Sys.Audit"] },
    { path: `/storage/${site.storage}`, privileges: ["Datastore.AllocateSpace"] },
    { path: `/storage/${datastoreOf(site.template)}`, privileges: ["Datastore.Audit"] },
    { path: "/sdn/zones/localnetwork", privileges: ["SDN.Use"] },
  ];
}
