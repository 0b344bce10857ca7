import { open } from "node:fs/promises";
import { messageOf, type Log } from "../../base/log";

const maxBytes = 2 * 1024 * 1024;

/**
 * The certificates (PEM) that the environment's NODE_EXTRA_CA_CERTS and SSL_CERT_FILE name. A file that cannot be read is
 * logged and left out: then the thread's beats fail where it is needed, and the main thread beats in its place.
 */
export async function extraCertificates(
  environment: Readonly<Record<string, string | undefined>>,
  log: Log,
): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const name of ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]) {
    const path = environment[name];
    if (path === undefined || path === "") continue;
    try {
      for (const one of certificatesIn(await readBounded(path))) found.add(one);
    } catch (error) {
      log.warn("the certificates that the environment names cannot be read", {
        name,
        message: messageOf(error),
      });
    }
  }
  return [...found];
}

function certificatesIn(text: string): readonly string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/gu) ?? [];
}

async function readBounded(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > maxBytes) throw new Error(`not a file of at most ${maxBytes} bytes`);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
