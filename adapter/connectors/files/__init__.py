"""The file-exchange core: a bank that exchanges files with us through the folders in/, out/, archive/ and error/.

What a bank's team must do is in `api_specs/core-files.md`.

    in/   → scanner.py → incoming.py (which file is it) → statements, status_files, directory → ledger, fates, people
            a statement: tellings.py (what it says) → merging.py, pairing.py (what it changes) → ledgers.py
    out/  ← drafts.py, requests.py ← folders.py (temporary file, fsync, rename)
    .sent/, archive/: what outlives a restore of the database (sent.py, scanner.py); keeping.py forgets what is old
    bank.py meets `CoreBanking` over what the others keep in tables.py
"""
