/**
 * Settings as read, in which each folder without a name has one by its place in the list: `folder-1`, `folder-2` … Folders
 * that have no name on either server are so matched in their order. What is no list of groups is left as it is.
 */
export function nameFolders(input: unknown): unknown {
  if (!isGroup(input) || !Array.isArray(input["folders"])) return input;
  const folders = input["folders"].map((folder: unknown, index) =>
    isGroup(folder) && folder["name"] === undefined ? { ...folder, name: `folder-${index + 1}` } : folder,
  );
  return { ...input, folders };
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
