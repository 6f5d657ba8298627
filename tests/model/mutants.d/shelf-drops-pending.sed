# lib/store/shelf.c
# what was pending with a server is forgotten while another is met
/cover FROM shelf_pending"/{
	n
	s/shelf = ?1/shelf = -?1/
}
