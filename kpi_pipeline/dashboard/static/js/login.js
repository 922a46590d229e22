// The login page: where to go afterwards, and whether the last try failed.

import { apply } from "./theme.js";

const search = new URLSearchParams(location.search);
const next = search.get("next") ?? "/";

apply();
document.getElementById("next").value = next.startsWith("/") && !next.startsWith("//") ? next : "/";
document.getElementById("failure").hidden = !search.has("failed");
