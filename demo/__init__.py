"""The demonstration: one paid session from sign-up to payout, on a stack of its own, acted as people would act it.

    python -m demo            # or `make demo`

It uses the public surface only: supabase-py for the people, HTTP to the bridge, the `stripe` library with the
publishable key for the browser, the service key for the operator. `stage` brings the stack up and takes it down,
`story` is what happens, `board` shows it, `receipt` proves the sums.
"""
