// Passkeys: a form that asks for one is sent once the browser has answered; the answer goes along in it.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const described = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

async function answer(options) {
  const asked = { ...options, challenge: bytes(options.challenge) };
  if (options.user) {
    asked.user = { ...options.user, id: bytes(options.user.id) };
    asked.excludeCredentials = described(options.excludeCredentials);
    return navigator.credentials.create({ publicKey: asked });
  }
  asked.allowCredentials = described(options.allowCredentials);
  return navigator.credentials.get({ publicKey: asked });
}

function written({ id, rawId, type, response, authenticatorAttachment }) {
  const told = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) told[name] = text(response[name]);
  }
  return JSON.stringify({ id, rawId: text(rawId), type, authenticatorAttachment, response: told, clientExtensionResults: {} });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) {
    form.querySelector("[data-passkey-none]").hidden = false;
    form.querySelector("[type=submit]").disabled = true;
  }
  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const problem = form.querySelector("[data-passkey-problem]");
    problem.hidden = true;
    try {
      form.elements.answer.value = written(await answer(JSON.parse(form.dataset.passkey)));
    } catch {
      problem.hidden = false;
      return;
    }
    form.requestSubmit();
  }, true);
}
