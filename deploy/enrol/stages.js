// What every page of enrolment shares: its four sections, of which one is shown, the notice with
// the form that agrees to it, and what is told when something failed.

const sections = ["consent", "capture", "done", "failed"];

/** The element with this id. */
export const at = (id) => document.getElementById(id);

export function show(section) {
  for (const id of sections) at(id).hidden = id !== section;
}

export function fail(error) {
  at("reason").textContent = error instanceof Error ? error.message : String(error);
  show("failed");
}

/** What helps, by the names that browsers have for it. */
const ways = {
  NotFoundError: "connect one, and try again",
  NotReadableError: "close whatever else uses it, and try again",
};

/** Why a camera or microphone could not be used, in words for whoever sits before it. */
export function refusal(device, error) {
  const why = error instanceof Error ? error.name : "unknown";
  const way = ways[why] ?? "allow this page to use one, and try again";
  return new Error(`No ${device} could be used (${why}): ${way}`);
}

/** Shows the notice; whoever agrees to it is enrolled, and may begin again when that failed. */
export function offer(notice, enrol) {
  at("title").textContent = notice.title;
  at("version").textContent = `Version ${notice.version}`;
  for (const text of notice.paragraphs) {
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    at("notice").append(paragraph);
  }
  at("person").onsubmit = (event) => {
    event.preventDefault();
    const button = event.target.querySelector("button");
    button.disabled = true;
    const { first_name, initials, instrument } = Object.fromEntries(new FormData(event.target));
    enrol({ first_name, initials: initials.toUpperCase(), instrument }).catch(fail)
      .finally(() => button.disabled = false);
  };
  at("again").onclick = () => show("consent");
}

/** Tells what was enrolled, and under which consent. */
export function conclude(account, { version }) {
  at("account").textContent = account;
  at("agreed").textContent = version;
  show("done");
}
