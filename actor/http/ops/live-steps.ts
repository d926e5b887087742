/**
 * The one script of the pages: shows the steps of a running operation anew each second. Without it the page is loaded
 * anew instead. What it puts in was escaped by the server.
 */
export const liveSteps = `"use strict";
const steps = document.getElementById("steps");
const look = async () => {
  try {
    const answer = await fetch(steps.dataset.source, { credentials: "same-origin", redirect: "error" });
    if (answer.ok) {
      const text = await answer.text();
      if (steps.innerHTML !== text) steps.innerHTML = text;
      steps.dataset.state = answer.headers.get("x-operation-state") ?? "";
    }
  } catch {
    // The server may be the one that is being switched: the next look tells.
  }
  if (!["done", "undone"].includes(steps.dataset.state)) setTimeout(look, 1000);
};
look();
`;
