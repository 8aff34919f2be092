"""Stand-in for Supabase Storage: the HTTP API the official clients use, on the real schema `storage`.

There: buckets, uploads in one piece (multipart and raw), downloads with ranges and conditions, listing in both
versions, info, move, copy, removal, signed URLs for reading and for uploading, public URLs, limits of size and type.
Every request runs in Postgres as its caller, so the policies on storage.objects decide. Bytes lie in a folder, one file
per version.

Left out: resumable uploads (TUS), which neither official client speaks, image transformation, S3's protocol, versioned
buckets, lifecycle rules, analytics and vector buckets. A path that is left out answers 404 and says so. A few rules are
stricter than hosted's; docs/decisions/0027-storage.md names them.

`python -m stack.storage` starts it; `stack.storage.settings` lists what it reads from the environment.
"""
