// Passkeys: a form marked data-passkey="create" or "get" asks the browser for one before it is sent.
// Its options stand in the form as JSON, or at the address data-passkey-options.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
const text = (buffer) =>
  btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
const named = (keys = []) => keys.map((key) => ({ ...key, id: bytes(key.id) }));

/** What the server asks for, from the form itself or from its address. */
async function options(form) {
  const address = form.dataset.passkeyOptions;
  if (!address) return Object.values(JSON.parse(form.querySelector('script[type="application/json"]').textContent))[0].publicKey;
  const response = await fetch(address, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!response.ok) throw new Error(response.statusText);
  return (await response.json()).request_options.publicKey;
}

/** A new passkey. It is kept on the device and asks for its owner, so that it opens the account by itself. */
async function create(asked) {
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    user: { ...asked.user, id: bytes(asked.user.id) },
    excludeCredentials: named(asked.excludeCredentials),
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
  };
  const made = await navigator.credentials.create({ publicKey });
  return {
    ...identity(made),
    response: {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    },
  };
}

async function get(asked) {
  const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials) };
  const { response, ...rest } = await navigator.credentials.get({ publicKey }).then((key) => ({ response: key.response, ...identity(key) }));
  return {
    ...rest,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}

const identity = (key) => ({
  id: key.id,
  rawId: text(key.rawId),
  type: key.type,
  authenticatorAttachment: key.authenticatorAttachment ?? null,
  clientExtensionResults: key.getClientExtensionResults(),
});

/** What the browser refused, in words for the person in front of it. */
function words({ name }) {
  if (!window.PublicKeyCredential) return gettext("This browser has no passkeys. Use another way, or a recent browser.");
  if (name === "NotAllowedError") return gettext("No passkey was used: the request was cancelled or took too long. Try again.");
  if (name === "InvalidStateError") return gettext("This device already has a passkey for your account.");
  if (name === "SecurityError") return gettext("Passkeys work only at the secure address of the suite.");
  return gettext("The passkey couldn’t be used. Try again, or use another way.");
}

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const field = form.elements.credential;
    if (!form.matches("[data-passkey]") || field.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const fault = form.querySelector("[data-passkey-fault]");
    fault.hidden = true;
    try {
      const asked = await options(form);
      field.value = JSON.stringify(await (form.dataset.passkey === "create" ? create(asked) : get(asked)));
    } catch (error) {
      fault.textContent = words(error);
      fault.hidden = false;
      return;
    }
    form.requestSubmit(event.submitter);
    field.value = ""; // going back to this page asks again
  },
  true,
);
