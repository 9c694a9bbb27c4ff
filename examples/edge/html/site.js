// Each button makes its request and shows what came back, as curl -i would.
"use strict";

const answer = document.getElementById("answer");

async function ask(button) {
    const { method, path, body, token } = button.dataset;
    answer.textContent = method + " " + path + " ...";
    const begun = performance.now();
    try {
        const response = await fetch(path, { method, body, headers: token ? { "X-Edge-Token": token } : {} });
        const text = await response.text();
        const took = (performance.now() - begun).toFixed(1);
        const headers = [...response.headers].map(([name, value]) => name + ": " + value).join("\n");
        answer.textContent = `${response.status} ${response.statusText}   (${took} ms)\n${headers}\n\n${text.slice(0, 2000)}`;
    } catch (problem) {
        answer.textContent = String(problem);
    }
}

for (const button of document.querySelectorAll("button[data-path]")) {
    button.addEventListener("click", () => ask(button));
}
