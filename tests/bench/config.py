"""The configuration plane in figures: how long a commit of one changed partner takes, from request to
running, and a page of partners, with 100 and with 10,000 partners (and 100,000 users)."""
import os
import statistics
import tempfile
import time


def disk_sync_ms(folder, rounds=20):
    """What one small write with fsync costs here: two of them are inside every commit."""
    times = []
    with tempfile.NamedTemporaryFile(dir=folder) as f:
        for _ in range(rounds):
            f.write(b"x" * 4096)
            f.flush()
            start = time.perf_counter()
            os.fsync(f.fileno())
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def load(gateway, kind, keys, value):
    for start in range(0, len(keys), 10000):
        gateway.commit(*[(kind, k, value) for k in keys[start:start + 10000]], comment="load")


def timed(work, rounds=30):
    times = []
    for i in range(rounds):
        start = time.perf_counter()
        work(i)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def measure(gateway, partners, users):
    """Fills a fresh gateway and returns {figure: milliseconds}."""
    load(gateway, "partners", [f"p{n:05d}.example" for n in range(partners)], {"partner_type": "federated"})
    load(gateway, "users", [f"user{n}@contoso.test" for n in range(users)], {})

    def change(i):
        gateway.patch("partners", f"p{i * 3:05d}.example", {"description": f"round {i}"})

    commit_ms = timed(change)
    # How long the engine's loop, and with it every stream, has stood for a commit at most.
    stood = gateway.get("/status")["counters"]["activate_max_us"] / 1000
    return {"partners": partners, "users": users, "sync_ms": disk_sync_ms(gateway.data),
            "commit_ms": commit_ms, "stood_ms": stood,
            "page_ms": timed(lambda i: gateway.get("/partners?limit=20"))}


def report(rows):
    print(f"\n{'partners':>9} {'users':>8} {'commit of one, ms':>18} {'two disk syncs, ms':>19} "
          f"{'beyond them, ms':>16} {'streams stood, ms':>18} {'page of 20, ms':>15}")
    for r in rows:
        syncs = 2 * r["sync_ms"]
        print(f"{r['partners']:>9} {r['users']:>8} {r['commit_ms']:>18.2f} {syncs:>19.2f} "
              f"{max(0.0, r['commit_ms'] - syncs):>16.2f} {r['stood_ms']:>18.2f} {r['page_ms']:>15.2f}")
