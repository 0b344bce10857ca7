import { shortestSecret, type Redactor } from "./redactor";

type Environment = Readonly<Record<string, string | undefined>>;

/** Passed on to every tool, whatever the owner wrote; a proxy's address may hold a password. */
const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].flatMap((name) => [name, name.toLowerCase()]);

const label = "secret value";

/** The values behind these names that are secrets are hidden from now on, and the passwords in proxies' addresses. */
export function hideEnvironment(
  redactor: Redactor,
  environment: Environment,
  names: readonly string[],
): void {
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue;
    if (names.some((one) => one.toUpperCase() === name.toUpperCase())) {
      for (const secret of secretsIn(name, value)) redactor.add(secret, label);
    } else if (proxies.includes(name)) {
      for (const secret of passwordsIn(value)) redactor.add(secret, label);
    }
  }
}

const secretName =
  /(token|secret|password|passwd|passphrase|pwd|credential|apikey|private|signature|cookie|_key|^key|_pass|^pass|_pat|^pat|_auth|^auth|_dsn|^dsn|_sas)$|secret|password|token|credential|api_?key|access_?key|private_?key|connection_?string/i;
const namesPlace =
  /(_|^)(path|dir|directory|file|home|sock|socket|root|folder)$|^SSH_AUTH_SOCK$|^GOOGLE_APPLICATION_CREDENTIALS$/i;

const plainShapes: readonly RegExp[] = [
  // A place in the file system, or a list of such.
  /^(?:[A-Za-z]:[\\/]|\.{0,2}\/|~\/)[\w ./\\~+@:;-]*$/u,
  // A number, a date, a version.
  /^[\dT:.,+_ -]+$/u,
  /^v?\d+(?:\.\d+)+(?:[-+][\w.]+)?$/u,
  // A word, a locale, a host, a list of options: letters in one case, with what joins words.
  /^[a-z]+(?:[-_., :@/=][a-z]*\d{0,3})*$/u,
  /^[A-Z]+(?:[-_., :/=][A-Z]*\d{0,3})*$/u,
  /^[a-z]{2}_[A-Z]{2}(?:\.[\w-]+)?$/u,
];

/**
 * What of a variable that is passed on is a secret. One whose name says so is; any other value is, unless it plainly is a
 * place, a number, a word or an address without a password. Pure.
 */
export function secretsIn(name: string, value: string): readonly string[] {
  const trimmed = value.trim();
  if (trimmed.length < shortestSecret) return [];
  const passwords = passwordsIn(trimmed);
  const isPlace = namesPlace.test(name) && plainShapes[0]?.test(trimmed) === true;
  if (isPlace) return passwords;
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\/[^\s?#@]*$/iu.test(trimmed);
  const isPlain = isAddress || plainShapes.some((shape) => shape.test(trimmed));
  return secretName.test(name) || !isPlain ? [trimmed, ...passwords] : passwords;
}

/** The passwords of addresses in the value, as they stand there and decoded. */
function passwordsIn(value: string): readonly string[] {
  return [...value.matchAll(/:\/\/[^\s:/@]*:([^\s/]+)@/gu)].flatMap(([, password = ""]) => [
    password,
    decoded(password),
  ]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
