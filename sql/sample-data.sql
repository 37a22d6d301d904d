-- Fills the example's tables: companies with 10 campaigns each, 50 ads in each campaign, and one click on each ad.
-- 2,000 companies make a million ads and about 400 MB.
--
--   psql "$PG_CONNECTION_URL" -v ON_ERROR_STOP=1 -v companies=2000 -f sql/sample-data.sql
--
-- Can be run again; a larger number adds what is missing. A hash of the ids makes the values, so each worker creates the rows of its own
-- shards and none are sent over the network.

\if :{?companies}
\else
  \set companies 2000
\endif

BEGIN;

INSERT INTO public.companies (id, name, image_url, created_at, updated_at)
SELECT id,
  (ARRAY['Bluebird', 'Northwind', 'Cobalt', 'Juniper', 'Lantern', 'Meridian', 'Paragon', 'Quarry', 'Saffron', 'Tidal'])[1 + id % 10]
    || ' ' || (ARRAY['Foods', 'Travel', 'Media', 'Games', 'Homes', 'Sports', 'Health'])[1 + id % 7] || ' ' || id,
  'https://example.com/companies/' || id || '.png', created_at, created_at + interval '3 days'
FROM (SELECT id, now() - interval '1 day' * (400 + abs(hashint8(id)) % 1000) AS created_at
      FROM generate_series(1, :companies::bigint) id) company
ON CONFLICT DO NOTHING;

INSERT INTO public.campaigns
  (company_id, id, name, cost_model, state, monthly_budget, blacklisted_site_urls, created_at, updated_at)
SELECT company.id, (company.id - 1) * 10 + n,
  (ARRAY['Spring sale', 'Summer deals', 'Back to school', 'Black Friday', 'Holiday gifts',
         'Brand awareness', 'New customers', 'Win-back', 'App installs', 'Newsletter'])[n],
  (ARRAY['cost_per_click', 'cost_per_impression'])[1 + abs(hashint8(company.id * 10 + n)) % 2],
  (ARRAY['running', 'running', 'running', 'paused', 'archived'])[1 + abs(hashint8(company.id * 20 + n)) % 5],
  500 + abs(hashint8(company.id * 30 + n)) % 50000,
  CASE WHEN n % 3 = 0 THEN ARRAY['https://spam.example.net', 'https://clicks.example.org'] END,
  company.created_at + interval '1 day' * n, company.created_at + interval '2 days' * n
FROM public.companies company, generate_series(1, 10) n
WHERE company.id <= :companies
ON CONFLICT DO NOTHING;

INSERT INTO public.ads
  (company_id, id, campaign_id, name, image_url, target_url, impressions_count, clicks_count, created_at, updated_at)
SELECT campaign.company_id, (campaign.id - 1) * 50 + n, campaign.id, campaign.name || ' ' || n,
  'https://example.com/ads/' || (campaign.id - 1) * 50 + n || '.png', 'https://example.com/go/' || (campaign.id - 1) * 50 + n,
  views, views * (5 + abs(hashint8(campaign.id * 70 + n)) % 40) / 1000,
  campaign.created_at + interval '1 hour' * n, campaign.created_at + interval '2 hours' * n
FROM public.campaigns campaign, generate_series(1, 50) n, LATERAL (SELECT 100 + abs(hashint8(campaign.id * 60 + n))::bigint % 100000 AS views) v
WHERE campaign.company_id <= :companies
ON CONFLICT DO NOTHING;

INSERT INTO public.clicks (company_id, id, ad_id, clicked_at, site_url, cost_per_click_usd, user_ip, user_data)
SELECT ad.company_id, ad.id, ad.id, now() - interval '1 second' * (abs(hashint8(ad.id)) % 2592000),
  (ARRAY['https://news.example.com', 'https://blog.example.org', 'https://forum.example.net', 'https://video.example.com'])[1 + abs(hashint8(ad.id * 3)) % 4],
  (5 + abs(hashint8(ad.id * 5)) % 300)::numeric / 100,
  '10.0.0.0'::inet + abs(hashint8(ad.id * 7))::bigint % 16777216,
  jsonb_build_object('location', (ARRAY['DE', 'US', 'TR', 'NL', 'IN', 'BR'])[1 + abs(hashint8(ad.id * 11)) % 6],
                     'is_mobile', abs(hashint8(ad.id * 13)) % 3 > 0)
FROM public.ads ad
WHERE ad.company_id <= :companies
ON CONFLICT DO NOTHING;

-- Rows that are inserted later without an id continue from here.
SELECT setval('public.companies_id_seq', greatest(max(id), 1)) AS companies FROM public.companies;
SELECT setval('public.campaigns_id_seq', greatest(max(id), 1)) AS campaigns FROM public.campaigns;
SELECT setval('public.ads_id_seq', greatest(max(id), 1)) AS ads FROM public.ads;
SELECT setval('public.clicks_id_seq', greatest(max(id), 1)) AS clicks FROM public.clicks;

COMMIT;

ANALYZE public.companies, public.campaigns, public.ads, public.clicks;
