// Says changes of state to people who listen; values that tick are never said.

/** What happened, when whoever listens has a moment (role=status). */
export const tell = (text) => write("told", text);

/** What they must know now (role=alert). */
export const warn = (text) => write("warned", text);

function write(id, text) {
  const region = document.getElementById(id);
  if (region.textContent !== text) region.textContent = text;
}
