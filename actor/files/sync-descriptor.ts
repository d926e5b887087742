import { fsync } from "node:fs";

/** Makes the content of an open file, or the names in an open folder, durable (fsync(2)). */
export function syncDescriptor(descriptor: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fsync(descriptor, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
