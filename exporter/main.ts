/** Runs the exporter until it is told to stop. */
export function runExporter(settingsFile: string): Promise<void> {
  return Promise.reject(new Error(`the exporter cannot be started with ${settingsFile} yet`));
}
