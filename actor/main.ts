/** Runs the actor until it is told to stop. */
export function runActor(settingsFile: string): Promise<void> {
  return Promise.reject(new Error(`the actor cannot be started with ${settingsFile} yet`));
}
