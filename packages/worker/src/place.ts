import { cp, lstat, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkerStart } from '@polyrelay/contract';

/**
 * The private folder that a program sees around it (PGC section 2): `certs`, `logs`, and `nodeserver`, which with
 * bubblewrap is where the user's folder is mounted.
 *
 * Without it, `nodeserver` is a folder of links to what is in the user's. A link to the folder itself would not do:
 * the system resolves `../certs` from where a program really stands, which would be beside the user's folder.
 */
export class Place {
  readonly path: string;
  readonly #folder: string;

  private constructor(path: string, folder: string) {
    this.path = path;
    this.#folder = folder;
  }

  /** Makes it, for its user alone. */
  static async make(folder: string): Promise<Place> {
    const place = new Place(await mkdtemp(join(await realpath(tmpdir()), 'polyrelay-worker-')), folder);
    await Promise.all(
      ['certs', 'logs', 'nodeserver'].map((name) => mkdir(join(place.path, name), { mode: 0o700 })),
    );
    return place;
  }

  get nodeserver(): string {
    return join(this.path, 'nodeserver');
  }

  async writeCertificates(start: WorkerStart): Promise<void> {
    const certs = join(this.path, 'certs');
    await Promise.all([
      writeFile(join(certs, 'AmazonRootCA1.pem'), start.caCert),
      writeFile(join(certs, 'iot.crt'), start.iotCert),
      writeFile(join(certs, 'private.key'), start.iotPrivateKey, { mode: 0o600 }),
    ]);
  }

  /** Links everything of the user's folder, as it is now. */
  async link(): Promise<void> {
    await rm(this.nodeserver, { recursive: true });
    await mkdir(this.nodeserver);
    for (const name of await readdir(this.#folder))
      await symlink(join(this.#folder, name), join(this.nodeserver, name));
  }

  /** Files that the program made beside the links belong into the user's folder. */
  async carryBack(): Promise<void> {
    for (const name of await readdir(this.nodeserver)) {
      const path = join(this.nodeserver, name);
      if ((await lstat(path)).isSymbolicLink()) continue;
      await cp(path, join(this.#folder, name), { recursive: true, verbatimSymlinks: true });
    }
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
