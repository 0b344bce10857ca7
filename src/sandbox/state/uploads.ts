import { readFileSync } from "node:fs";
import { replaceFile, uploadPath } from "./store";

/** The content of uploaded files. */
export interface Uploads {
  save(fileId: string, content: Uint8Array): void;
  read(fileId: string): Uint8Array | undefined;
}

/** Keeps content in the data folder, or in memory where there is none. */
export function openUploads(dataDir: string | undefined): Uploads {
  const kept = new Map<string, Uint8Array>();
  return {
    save: (fileId, content) => {
      if (dataDir === undefined) kept.set(fileId, content);
      else replaceFile(uploadPath(dataDir, fileId), content);
    },
    read: (fileId) => (dataDir === undefined ? kept.get(fileId) : readFileSync(uploadPath(dataDir, fileId))),
  };
}
