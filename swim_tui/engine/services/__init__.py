"""What clients can ask of the engine: one class per concern, made with the State, methods named as in the contract.

`inventory.InventoryService`, `credentials.CredentialsService`, `repository.RepositoryService`, `packs.PackService`,
`settings.SettingsService`, `jobs.JobService`, `runs.RunService`, `analysis.AnalysisService`,
`dashboard.DashboardService`, `status.StatusService`; `inventory_file` reads and checks inventory files.
"""
