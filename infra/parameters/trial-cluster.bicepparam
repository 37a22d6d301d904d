using '../trial-cluster.bicep'

param name = 'autoscaler-trial'
param location = 'westeurope'
param administratorPassword = readEnvironmentVariable('TRIAL_CLUSTER_PASSWORD')
