import type { FileTransferSettings } from "../../shared/core/settings/file-transfer-settings.js";

/** How the link and the disk are used for files; the settings `fileTransfer`. */
export type TransferLimits = FileTransferSettings;

export const defaultTransferLimits: TransferLimits = {
  connections: 2,
  compress: false,
  bandwidthBytesPerSecond: 0,
  syncToDisk: true,
  blockwiseFromBytes: 8 * 1024 * 1024,
  contentAnalysisSeconds: 0,
  contentAnalysisAt: "",
};
