-- The ads of three random companies with their campaigns: up to three shards, often on three workers.
\set first random(1, 2000)
\set second random(1, 2000)
\set third random(1, 2000)
SELECT ad.id, ad.name, ad.impressions_count, ad.clicks_count, campaign.name AS campaign, campaign.state
FROM public.ads ad
JOIN public.campaigns campaign ON campaign.company_id = ad.company_id AND campaign.id = ad.campaign_id
WHERE ad.company_id IN (:first, :second, :third);
