import { otherServer, serverNames, type ServerName } from "../../shared/core/server-name.js";
import type { Fault } from "./faults.js";
import type { SimulatedHost } from "./simulated-host.js";
import type { World } from "./world.js";

/** Messages that come once more or too late, and people and alerts that ask at the same moment. */
export const lateFaults = {
  "operator-with-alert": (world, random) => {
    const spare = world.host("secondary");
    const asked = world.host(random.pick(serverNames));
    world.onDecided = () => {
      world.onDecided = undefined;
      void asked.request("switch-to-secondary");
    };
    world.host("primary").broken.add("test page");
    void spare.takeAlert({
      fingerprint: random.id(),
      startsAt: new Date(spare.wallMs()).toISOString(),
      status: "firing",
      labels: { action: "switchover", pair: "simulated" },
    });
    return {
      text: `the operator at the ${asked.name}`,
      end: () => {
        world.onDecided = undefined;
        world.host("primary").broken.delete("test page");
      },
    };
  },
  /** The hand-over arrives, the claim does not get through, a person aborts, and the hand-over comes once more. */
  "hand-over-again": (world, random) => {
    const owner = ownerOf(world);
    const target = otherServer(owner.name);
    world.lateMessages.begin(handOver, { fromSeconds: 5, toSeconds: 60, isOnlyLate: false });
    world.onceStepStarted(target, "stop-confirming", () => {
      world.network.cut(target, "update-server");
      world.time.schedule(random.between(0.5, 4) * 1000, () => {
        abort(owner);
      });
      world.time.schedule(5000, () => {
        world.network.mend(target, "update-server");
      });
    });
    void owner.request(`switch-to-${target}`);
    return {
      text: `to the ${target}`,
      end: () => {
        world.lateMessages.end(handOver);
      },
    };
  },
  /** The same, but by the time it comes once more the target has lost its state directory, and what it cancelled. */
  "hand-over-to-a-new-memory": (world, random) => {
    const owner = ownerOf(world);
    const target = world.host(otherServer(owner.name));
    world.lateMessages.begin(handOver, { fromSeconds: 30, toSeconds: 60, isOnlyLate: false });
    world.onceStepStarted(target.name, "stop-confirming", () => {
      world.network.cut(target.name, "update-server");
      world.time.schedule(random.between(0.5, 4) * 1000, () => {
        abort(owner);
      });
      world.time.schedule(10_000, () => {
        world.network.mend(target.name, "update-server");
        target.powerOff();
        world.loseState(target.name);
        void target.powerOn();
      });
    });
    void owner.request(`switch-to-${target.name}`);
    return {
      text: `to the ${target.name}`,
      end: () => {
        world.lateMessages.end(handOver);
      },
    };
  },
  /** The hand-over is under way so long that a person has aborted it before it arrives. */
  "hand-over-late": (world, random) => {
    const owner = ownerOf(world);
    const target = otherServer(owner.name);
    world.lateMessages.begin(handOver, { fromSeconds: 5, toSeconds: 60, isOnlyLate: true });
    world.onceStepStarted(owner.name, "hand-over", () => {
      world.time.schedule(random.between(0.1, 4) * 1000, () => {
        abort(owner);
      });
    });
    void owner.request(`switch-to-${target}`);
    return {
      text: `to the ${target}`,
      end: () => {
        world.lateMessages.end(handOver);
      },
    };
  },
  /** The update server answers no question, as after a change of its rules. */
  "questions-refused": (world) => {
    world.nameServer.turnsQuestionsAway = true;
    return {
      text: "",
      end: () => {
        world.nameServer.turnsQuestionsAway = false;
      },
    };
  },
  /** Another authoritative server goes on answering the address from before. */
  "name-server-stale": (world) => {
    world.nameServer.staleAddress = world.nameServer.address;
    return {
      text: world.nameServer.address,
      end: () => {
        world.nameServer.staleAddress = undefined;
      },
    };
  },
  drill: (world, random) => {
    const host = world.host(random.pick(serverNames));
    void host.actor?.beginDrill("operator").catch(() => undefined);
    return { text: `asked for at the ${host.name}`, end: () => undefined };
  },
  "registers-itself": (world, random) => {
    const server = random.pick(serverNames);
    world.nameServer.registerItself(server);
    return { text: server, end: () => undefined };
  },
  "command-late": (world) => {
    const owner = ownerOf(world);
    world.lateMessages.begin("operations/command", { fromSeconds: 5, toSeconds: 60, isOnlyLate: false });
    void owner.request(`switch-to-${otherServer(owner.name)}`);
    return {
      text: `from the ${owner.name}`,
      end: () => {
        world.lateMessages.end("operations/command");
      },
    };
  },
  /** The spare promises not to claim, takes that back, and the primary is cut off; then the promise comes once more. */
  "promise-late": (world, random) => {
    const spare = world.host("secondary");
    const isolated = (["secondary", "update-server"] as const).flatMap((other) => [
      ["primary", other] as const,
      [other, "primary"] as const,
    ]);
    world.lateMessages.begin("heartbeat", { fromSeconds: 15, toSeconds: 45, isOnlyLate: false });
    void spare.actor?.setEnabled(false, "operator", "simulation").catch(() => undefined);
    world.time.schedule(8000, () => {
      world.lateMessages.end("heartbeat");
      void spare.actor?.setEnabled(true, "operator", "simulation").catch(() => undefined);
    });
    let isCut = false;
    world.time.schedule(random.between(14, 20) * 1000, () => {
      isCut = true;
      for (const [from, to] of isolated) world.network.cut(from, to);
    });
    world.time.schedule(100_000, () => {
      if (isCut) for (const [from, to] of isolated) world.network.mend(from, to);
    });
    return { text: "", end: () => undefined };
  },
} as const satisfies Readonly<Record<string, Fault>>;

const handOver = "operations/hand-over";

function ownerOf(world: World): SimulatedHost {
  const owner: ServerName = world.nameServer.record?.active ?? "primary";
  return world.host(owner);
}

function abort({ actor }: SimulatedHost): void {
  const running = actor?.operations().find(({ endedAtMs }) => endedAtMs === 0);
  if (running) void actor?.abortOperation(running.id, "operator").catch(() => undefined);
}
