import { openWatcher } from "../../../actor/files/watcher.js";
import { describeChangeSource } from "../../contract/change-source.contract.js";

describeChangeSource("chokidar", openWatcher);
