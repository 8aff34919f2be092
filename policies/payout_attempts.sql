-- payout_attempts: the services only; readers follow the payout, administrators read through audited calls.

revoke all on public.payout_attempts from anon, authenticated, service_role;
grant select on public.payout_attempts to service_role;
