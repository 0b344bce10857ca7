import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { replaceFile, uploadPath } from "./store";

/** Where uploaded files are given out: followed by the file's id and its key. */
export const downloadPath = "/sandbox/files/";

/** The content of uploaded files. */
export interface Uploads {
  save(fileId: string, content: Uint8Array): void;
  read(fileId: string): Uint8Array | undefined;
  /** Where a browser gets the file, as far as it reaches this machine. The key in it is for this file alone. */
  addressOf(fileId: string): string;
  isKey(fileId: string, key: string): boolean;
}

export interface UploadsOptions {
  /** The content is kept in memory where there is none. */
  readonly dataDir: string | undefined;
  /** What the keys are made from; another one makes every address out of date. */
  readonly secret: string;
  readonly baseUrl: () => string;
}

export function openUploads({ dataDir, secret, baseUrl }: UploadsOptions): Uploads {
  const kept = new Map<string, Uint8Array>();
  const keyOf = (fileId: string): string =>
    createHmac("sha256", secret).update(`file ${fileId}`).digest("base64url");
  return {
    save: (fileId, content) => {
      if (dataDir === undefined) kept.set(fileId, content);
      else replaceFile(uploadPath(dataDir, fileId), content);
    },
    read: (fileId) => (dataDir === undefined ? kept.get(fileId) : readFileSync(uploadPath(dataDir, fileId))),
    addressOf: (fileId) => `${baseUrl()}${downloadPath}${encodeURIComponent(fileId)}/${keyOf(fileId)}`,
    isKey: (fileId, key) => {
      const [given, expected] = [Buffer.from(key), Buffer.from(keyOf(fileId))];
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
