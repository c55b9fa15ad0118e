module churnmark/real-go

go 1.19
