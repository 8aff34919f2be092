-- reviews: public unless hidden; written by review_session and respond_to_review only.

revoke all on public.reviews from anon, authenticated, service_role;
grant select on public.reviews to anon, authenticated, service_role;

drop policy if exists "shown reviews" on public.reviews;
create policy "shown reviews" on public.reviews for select to anon using (not is_hidden);
comment on policy "shown reviews" on public.reviews is 'Visitors read reviews.';

drop policy if exists "shown, own, or moderators" on public.reviews;
create policy "shown, own, or moderators" on public.reviews for select to authenticated
    using (not is_hidden or client_id = (select auth.uid()) or (select private.has_permission('moderate_content')));
comment on policy "shown, own, or moderators" on public.reviews is 'A hidden review is still its author''s.';
