"""Writes shop.db, a made-up shop with 40 customers and 600 orders. The same at every run.

    python3 docs/samples/shop/make-shop.py [shop.db]

The ETL sample makes itself this database when none comes with the job; a test holds the two together.
"""
import sys


# sample: begin
def make_shop(path):
    """A shop of one year: customers in four countries, orders in several currencies, a few of them broken."""
    import random, sqlite3

    draw = random.Random(7)
    shop = sqlite3.connect(path)
    shop.executescript("""
        CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL, day TEXT NOT NULL,
                             amount REAL, currency TEXT NOT NULL);
    """)
    countries = ["CA", "DE", "FR", "US"]
    shop.executemany(
        "INSERT INTO customers VALUES (?, ?, ?)",
        [(n, f"Customer {n:02}", draw.choice(countries)) for n in range(1, 41)],
    )
    for n in range(1, 601):
        day = f"2025-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        # Every 50th order has no amount and every 75th a customer that is not there: real tables have such rows.
        amount = None if n % 50 == 0 else round(draw.uniform(5, 500), 2)
        customer = 999 if n % 75 == 0 else draw.randint(1, 40)
        currency = draw.choice(["EUR", "EUR", "USD", "CAD"])
        shop.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", (n, customer, day, amount, currency))
    shop.commit()
    shop.close()
# sample: end


if __name__ == "__main__":
    make_shop(sys.argv[1] if len(sys.argv) > 1 else "shop.db")
