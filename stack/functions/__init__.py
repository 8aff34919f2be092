"""Runs `supabase/functions` in Deno, in one process, as hosted's edge runtime serves them."""
