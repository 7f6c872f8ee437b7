// The proof over a tenant's failed runs, as crates/contract/src/seal.rs makes it.

const MASK = (1n << 64n) - 1n;

function hash({ tenant_id, run_type, run_id, tenant_seq }) {
  let state = 0xcbf29ce484222325n;
  const feed = (bytes) => {
    for (const byte of [...bytes, 0xff]) state = ((state ^ BigInt(byte)) * 0x100000001b3n) & MASK;
  };
  const number = (value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  };
  feed(number(tenant_id));
  feed([]);
  feed(Buffer.from(run_type));
  feed(number(run_id));
  feed(number(tenant_seq));
  let mixed = state;
  mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return mixed ^ (mixed >> 31n);
}

/** Keeps the seals of all tenants while runs are told. */
export class Seals {
  #tenants = new Map();
  #failed = new Map();

  take(key, run) {
    const tenant = this.#tenants.get(run.tenant_id) ?? { head: 0, n_failed: 0, digest: 0n };
    this.#tenants.set(run.tenant_id, tenant);
    tenant.head = Math.max(tenant.head, run.tenant_seq);
    tenant.isNew = true;
    const before = this.#failed.get(key);
    if (before !== undefined) {
      tenant.digest ^= before;
      tenant.n_failed -= 1;
      this.#failed.delete(key);
    }
    if (run.status !== 'failed' && run.status !== 'partial') return;
    const mine = hash(run);
    tenant.digest ^= mine;
    tenant.n_failed += 1;
    this.#failed.set(key, mine);
  }

  /** Those that changed since the last time, or all. */
  due(all = false) {
    const due = [...this.#tenants].filter(([, tenant]) => tenant.isNew || all);
    return due.map(([tenant_id, tenant]) => {
      tenant.isNew = false;
      return { tenant_id, head: tenant.head, n_failed: tenant.n_failed, digest: tenant.digest.toString(16).padStart(16, '0') };
    });
  }
}
