import { BackendError } from "../../../backend/backend";
import type { Call, Reply } from "../../../server/context";
import { changeFirewall } from "../../../server/firewall-file";
import { findGroup } from "../groups";

/** The rules of a group are like those of a file. */
export { GET, POST } from "../rules";

/** DELETE /cluster/firewall/groups/{group}: only an empty group goes. */
export async function DELETE(call: Call): Promise<Reply> {
  await changeFirewall(call, (file) => {
    const group = findGroup(file, call.params.required("group"));
    if (group.rules.length > 0) {
      throw new BackendError(`Security group '${group.name}' is not empty`);
    }
    return { ...file, groups: file.groups.filter((entry) => entry !== group) };
  });
  return { data: null };
}
