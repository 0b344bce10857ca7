/** In place of node:crypto in the simulation's bundle: a checksum that is quick instead of strong. */
export function createHash(): { update(text: string): { digest(): string } } {
  return {
    update: (text) => ({
      digest: () => {
        let one = 0x811c9dc5;
        let two = 0x9e3779b9;
        for (let index = 0; index < text.length; index += 1) {
          const code = text.charCodeAt(index);
          one = Math.imul(one ^ code, 0x01000193);
          two = Math.imul(two ^ code, 0x85ebca6b) ^ (two >>> 13);
        }
        return hex(one) + hex(two) + hex(one ^ two) + hex(one + two);
      },
    }),
  };
}

/** Nothing in a schedule may depend on it. */
export function randomUUID(): string {
  return "00000000-0000-4000-8000-000000000000";
}

function hex(number: number): string {
  return (number >>> 0).toString(16).padStart(8, "0");
}

/** Nothing of the simulation needs a key; whatever asks for one gets a fixed one, so that a seed tells all. */
export function randomBytes(size: number): Buffer {
  return Buffer.alloc(size, 7);
}
