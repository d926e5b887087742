import { nameServerContract } from "../../contract/name-server.contract.js";
import { startBind } from "../../support/bind-server.js";

const records = ["alias 30 IN CNAME app", "_sparesync.aliased 30 IN CNAME app"];

nameServerContract("BIND", () => startBind({ records }));
