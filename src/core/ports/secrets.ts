/**
 * The editor's secret storage, one value per key. An implementation calls the editor as it is; whoever awaits it sets a
 * deadline, since the editor of a closed window can stay silent for hours. Other windows' writes are not seen.
 */
export interface SecretStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}
