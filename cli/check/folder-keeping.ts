import type { Finding } from "../../shared/check/finding.js";
import type { Settings } from "../../shared/core/settings/settings.js";
import type { SyncItemStatus } from "../../shared/core/status.js";

/** Says what the other server does not keep of a folder's files, as the running actor learnt at its last full analysis. */
export async function examineFolderKeeping(
  { folders }: Settings,
  readFolders: () => Promise<readonly SyncItemStatus[] | undefined>,
): Promise<readonly Finding[]> {
  if (folders.length === 0) return [];
  const known = await readFolders();
  return folders.flatMap(({ name }, index): Finding[] => {
    const unkept = known?.find((one) => one.kind === "folder" && one.name === name)?.unkept ?? [];
    if (unkept.length === 0) return [];
    const message = `the other server does not keep of the folder ${name}: ${unkept.join("; ")}`;
    const hint =
      "put the folder there on a file system that keeps it, or do without: the contents are copied all the same";
    return [{ key: `folders[${index}].path`, grade: "notice", message, hint }];
  });
}
