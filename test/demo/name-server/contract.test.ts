import { nameServerContract } from "../../contract/name-server.contract.js";
import { startEmbeddedNameServer } from "../../support/embedded-name-server.js";

nameServerContract("the embedded name server", () => startEmbeddedNameServer());
