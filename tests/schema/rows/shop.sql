insert into public.products (id, name, description, type, category, price, stock_quantity, reader_id)
values ('0190a000-0000-7000-8000-000000000041', 'Deck', 'A deck of cards.', 'PHYSICAL', 'tarot', 2500, 3, '0190a000-0000-7000-8000-000000000002');
insert into public.orders (id, client_id, total_amount)
values ('0190a000-0000-7000-8000-000000000042', '0190a000-0000-7000-8000-000000000001', 2500);
insert into public.order_items (order_id, product_id, price)
values ('0190a000-0000-7000-8000-000000000042', '0190a000-0000-7000-8000-000000000041', 2500);
