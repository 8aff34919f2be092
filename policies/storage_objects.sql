-- storage.objects: who reads and writes files, by bucket and first folder. A bucket that is not named is closed.
-- A public bucket is read by address past these policies; here its owners see what they keep in it. The remarks are no
-- COMMENTs: on hosted the table is the Storage server's, and only its owner may comment on it.

grant execute on function private.recording_folders(), private.media_folders(boolean), private.reported_folders(), private.bought_files(),
    private.applicant_folders(), private.is_sold(text) to authenticated;

-- Own files, what one has bought, what was said in one's own sessions and conversations; documents also by who decides on
-- the application and was shown it, and sealed files by who decides on a complaint that reveals the key of one. Those two list and
-- download; an address they sign or a copy they make would outlive their right.
drop policy if exists "read by bucket" on storage.objects;
create policy "read by bucket" on storage.objects for select to authenticated
    using (case bucket_id
        when 'avatars' then (storage.foldername(name))[1] = (select auth.uid())::text
        when 'verification-docs' then (storage.foldername(name))[1] = (select auth.uid())::text
            or (select storage.allow_any_operation(
                array['object.get_authenticated', 'object.info_authenticated', 'object.list', 'object.list_v2']))
            and (storage.foldername(name))[1] in (select private.applicant_folders())
        when 'recordings' then (storage.foldername(name))[1] in (select s.id::text from public.sessions s
            where s.client_id = (select auth.uid()) or s.reader_id = (select auth.uid()))
        when 'products' then (storage.foldername(name))[1] = (select auth.uid())::text
            or name in (select private.bought_files())
        when 'product-images' then (storage.foldername(name))[1] = (select auth.uid())::text
        when 'chat-media' then (storage.foldername(name))[1] in (select private.media_folders(false))
            or (select storage.allow_any_operation(
                array['object.get_authenticated', 'object.info_authenticated', 'object.list', 'object.list_v2']))
            and (storage.foldername(name))[1] in (select private.reported_folders())
        else false
    end);

-- An active account, in its own name and folder; a recording while both sides agree; chat media while the conversation may
-- be written to.
drop policy if exists "write by bucket" on storage.objects;
create policy "write by bucket" on storage.objects for insert to authenticated
    with check (owner_id = (select auth.uid())::text and (select private.is_active()) and case bucket_id
        when 'avatars' then (storage.foldername(name))[1] = (select auth.uid())::text
        when 'verification-docs' then (storage.foldername(name))[1] = (select auth.uid())::text
            and (select private.has_account())
        when 'recordings' then (storage.foldername(name))[1] in (select private.recording_folders())
        -- An address to upload to, made before a sale, would outlive it.
        when 'products' then (storage.foldername(name))[1] = (select auth.uid())::text
            and (storage.foldername(name))[2] in (select p.id::text from public.products p where p.reader_id = (select auth.uid()))
            and not storage.allow_any_operation(array['object.sign_upload_url'])
        when 'product-images' then (storage.foldername(name))[1] = (select auth.uid())::text
            and (storage.foldername(name))[2] in (select p.id::text from public.products p where p.reader_id = (select auth.uid()))
        when 'chat-media' then (storage.foldername(name))[1] in (select private.media_folders(true))
        else false
    end);

-- Pictures, and goods that nobody has bought. Documents, recordings and what was sent stay as they came; nobody comes to own another's file.
drop policy if exists "replace own" on storage.objects;
create policy "replace own" on storage.objects for update to authenticated
    using (owner_id = (select auth.uid())::text and (select private.is_active())
        and bucket_id in ('avatars', 'products', 'product-images')
        and (storage.foldername(name))[1] = (select auth.uid())::text
        and not (bucket_id = 'products' and private.is_sold(name)))
    with check (owner_id = (select auth.uid())::text
        and (storage.foldername(name))[1] = (select auth.uid())::text
        and case bucket_id
            when 'avatars' then true
            when 'products' then (storage.foldername(name))[2] in (select p.id::text from public.products p where p.reader_id = (select auth.uid()))
            when 'product-images' then (storage.foldername(name))[2] in (select p.id::text from public.products p where p.reader_id = (select auth.uid()))
            else false
        end);

-- Pictures, goods that nobody has bought, and what one sent. Documents and recordings are kept.
drop policy if exists "remove own" on storage.objects;
create policy "remove own" on storage.objects for delete to authenticated
    using (owner_id = (select auth.uid())::text and (select private.is_active())
        and bucket_id in ('avatars', 'products', 'product-images', 'chat-media')
        and not (bucket_id = 'products' and private.is_sold(name)));
